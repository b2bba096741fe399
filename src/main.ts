/** The program: reads the settings, starts the server, drains at SIGTERM and SIGINT. */
import { setFlagsFromString } from 'node:v8';
import { config as readDotenv } from 'dotenv';
import { type Config, ConfigError, environmentName, readConfig } from './config.js';
import { createLog } from './platform/log.js';
import { describePortHolder } from './platform/port-holder.js';
import { collectWhenQuiet } from './platform/quiet-collection.js';
import { startServer } from './server.js';

// V8 collects old garbage when it is a third of what lives, with a thread of its own: that takes both cores of a
// small machine for 0.1 s, every three seconds while 2,000 messages come in each. Memory is the cheaper one of both.
setFlagsFromString('--heap-growing-percent=70');
collectWhenQuiet();

readDotenv({ quiet: true });

let config: Config;
try {
  config = readConfig(process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const log = createLog(config);
process.on('uncaughtException', (error) => fatal(error, 'uncaught'));
process.on('unhandledRejection', (error) => fatal(error, 'unhandled'));

try {
  const server = await startServer(config, log);
  const stop = (signal: string) => {
    log.info({ signal }, 'main: draining');
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fatal(error, 'while draining'),
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  const address = config.PUBLIC_URL ?? `http://localhost:${server.httpPort}`;
  log.info({ http: server.httpPort, gateway: server.gatewayPort, sockets: server.socketLibrary }, 'main: ready');
  process.stdout.write(`\n  Causeway is ready: ${address}\n`);
  if (server.setupPath !== null)
    process.stdout.write(`  Open this once to make the organisation and its owner:\n  ${address.replace(/\/$/, '')}${server.setupPath}\n`);
  process.stdout.write('\n');
} catch (error) {
  process.stderr.write(`${await sentenceFor(error)}\n`);
  log.fatal({ err: error }, 'main: could not start');
  process.exit(1);
}

/** A port that is taken is the usual reason: say who has it, and which setting moves us. */
async function sentenceFor(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error && typeof error.port === 'number' ? error.port : 0;
    const setting = (['HTTP_PORT', 'GATEWAY_PORT', 'MEDIA_PORT'] as const).find((name) => config[name] === port) ?? 'MEDIA_PORT';
    const holder = await describePortHolder(port);
    return `Port ${port} is taken${holder === null ? '' : ` by ${holder}`}. End that program, or set ${environmentName(setting)} to another port.`;
  }
  return error.message;
}

function fatal(error: unknown, what: string): void {
  log.fatal({ err: error }, `main: ${what}`);
  process.exit(1);
}
