/** docs/reference/protocol.md: the wire protocol, from proto/causeway/*.proto and the comments there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';
import { table } from './table.js';

const protos = path.resolve(import.meta.dirname, '../../proto');

/** In the order in which they are best read. Files that are not named here follow. */
const order = ['frame', 'meeting', 'media', 'chat'];

export function protocolPage(): string {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => path.join(protos, target.replace(`${protos}/`, ''));
  // Comments are written with // and kept.
  root.loadSync('causeway/frame.proto', { keepCase: true, alternateCommentMode: true });
  const namespace = root.lookup('causeway');
  if (!(namespace instanceof protobuf.Namespace)) throw new Error('proto/ does not define the package causeway');

  const byFile = new Map<string, protobuf.ReflectionObject[]>();
  for (const one of namespace.nestedArray) {
    const file = path.basename(one.filename ?? '', '.proto');
    byFile.set(file, [...(byFile.get(file) ?? []), one]);
  }
  const files = [...byFile.keys()].sort((a, b) => rank(a) - rank(b));
  return [
    '# Protocol',
    '',
    '<!-- Made by `npm run docs` from proto/causeway/*.proto. -->',
    '',
    'The socket of Causeway speaks Protocol Buffers in binary WebSocket messages. A method is named `Service.Method` on the wire, such as `MeetingService.Join`. [Errors](errors.md) are those of the catalogue.',
    ...files.flatMap((file) => ['', `## ${file}.proto`, '', headOf(file), ...(byFile.get(file) ?? []).flatMap((one) => section(one, ''))]),
    '',
  ].join('\n');
}

function rank(file: string): number {
  const place = order.indexOf(file);
  return place === -1 ? order.length : place;
}

/** The comment at the beginning of a file. */
function headOf(file: string): string {
  const lines = readFileSync(path.join(protos, 'causeway', `${file}.proto`), 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

function section(one: protobuf.ReflectionObject, within: string): string[] {
  const name = within === '' ? one.name : `${within}.${one.name}`;
  if (one instanceof protobuf.Service) return ['', `### ${name}`, ...said(one.comment), '', methods(one)];
  if (one instanceof protobuf.Enum) return ['', `### ${name}`, ...said(one.comment), '', values(one)];
  if (!(one instanceof protobuf.Type)) return [];
  const fields = one.fieldsArray.length === 0 ? [] : ['', fieldTable(one, name)];
  return ['', `### ${name}`, ...said(one.comment), ...fields, ...one.nestedArray.flatMap((inner) => section(inner, name))];
}

function said(comment: string | null): string[] {
  return comment === null ? [] : ['', comment];
}

function methods(service: protobuf.Service): string {
  return table(
    ['Method', 'Request', 'Reply', 'What it does'],
    service.methodsArray.map((method) => [
      `\`${service.name}.${method.name}\``,
      link(method.requestType),
      link(method.responseType),
      method.comment ?? '',
    ]),
  );
}

function values({ values: numbers, comments }: protobuf.Enum): string {
  return table(
    ['Value', 'No.', 'Meaning'],
    Object.entries(numbers).map(([name, number]) => [`\`${name}\``, String(number), comments[name] ?? '']),
  );
}

function fieldTable(type: protobuf.Type, name: string): string {
  return table(
    ['Field', 'No.', 'Type', 'Meaning'],
    type.fieldsArray.map((field) => {
      const own = type.get(field.type) === null ? field.type : `${name}.${field.type}`;
      const shape = [field.repeated ? 'repeated' : '', /[A-Z]/.test(field.type) ? link(own) : `\`${field.type}\``].join(' ').trim();
      // An `optional` field is a oneof of its own, whose name begins with an underscore.
      const group = field.partOf === null ? '' : field.partOf.name.startsWith('_') ? 'Optional.' : `One of \`${field.partOf.name}\`.`;
      return [`\`${field.name}\``, String(field.id), shape, [group, field.comment ?? ''].join(' ').trim()];
    }),
  );
}

function link(type: string): string {
  // The anchor that GitHub and others make of a heading: lower case, without dots.
  return `[${type}](#${type.toLowerCase().replaceAll('.', '')})`;
}
