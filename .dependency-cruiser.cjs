/**
 * Who may lean on whom (docs/ARCHITECTURE.md). `npm run lint -- imports` holds the code to it.
 *
 * A part of the server is a folder: src/media, src/chat, src/signaling, each of src/services/*
 * and of src/platform/*. Its face is its index.ts; files that lie directly in src/platform are
 * faces themselves.
 */

/** Parts that know a domain and nothing of meetings, or of each other's insides. */
const domains = 'src/(media|chat|recording|services)/';

/** A file deep inside a part that is not its face. `schema.ts` and `meeting-state.ts` are faces too: the page shares their types. */
const notAFace = '/(index|schema|meeting-state)\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one thing, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'platform-is-the-ground',
      comment: 'The ground floor knows no domain, and nothing above it but the settings. What else it needs is handed to it in server.ts.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/', pathNot: ['^src/platform/', '^src/config\\.ts$'] },
    },
    {
      name: 'domains-know-no-signaling',
      comment: 'Meetings use the domains, never the other way: tell it by an event, or through an interface handed over in server.ts.',
      severity: 'error',
      from: { path: `^${domains}` },
      to: { path: '^src/signaling/' },
    },
    {
      name: 'domains-know-not-each-other',
      comment:
        'media, chat, recording and services do not import each other: tell it by an event, or through an interface handed over in server.ts.',
      severity: 'error',
      from: { path: '^src/(media|chat|recording|services/[^/]+)/' },
      to: { path: `^${domains}`, pathNot: '^src/$1/' },
    },
    {
      name: 'only-by-the-face',
      comment: 'From another folder of the server import its index.ts.',
      severity: 'error',
      from: { path: '^src/(media|chat|recording|signaling|doctor|services/[^/]+|platform/[^/]+)/' },
      to: { path: '^src/(media|chat|recording|signaling|doctor|services/[^/]+|platform/[^/]+)/.', pathNot: ['^src/$1/', notAFace] },
    },
    {
      name: 'only-by-the-face-from-the-roots',
      comment: 'Also main.ts, and files directly in src/platform, import a folder by its index.ts.',
      severity: 'error',
      from: { path: '^src/(platform/)?[^/]+\\.ts$' },
      to: { path: '^src/(media|chat|recording|signaling|doctor|services/[^/]+|platform/[^/]+)/.', pathNot: notAFace },
    },
    {
      name: 'nobody-imports-the-root',
      comment: 'main.ts and server.ts construct the parts, so no part imports them.',
      severity: 'error',
      from: { path: '^src/.+/' },
      to: { path: '^src/(main|server)\\.ts$' },
    },
    {
      name: 'page-shares-only-what-both-speak',
      comment:
        'The page takes from the server the reducer of meetings, schemas, the error catalogue, the detectors of DLP, the two ways to write Chinese and the words of notices: nothing that runs on Node.',
      severity: 'error',
      from: { path: '^web/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/signaling/meeting-state\\.ts$',
          '^src/platform/errors\\.ts$',
          '^src/chat/dlp/(?:fold\\.ts$|detectors/)',
          '^src/recording/captions/text/han-script\\.ts$',
          '^src/recording/consent/notice-texts\\.ts$',
          '/schema\\.ts$',
        ],
      },
    },
    {
      name: 'server-knows-no-page',
      comment: 'The server serves the page as files.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(web|tests|load-tests|scripts)/' },
    },
    {
      name: 'no-unlisted-package',
      comment: 'A package that is imported stands in package.json, or the next version of another package takes it away.',
      severity: 'error',
      from: { path: '^(src|web/src|load-tests)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'server-runs-on-dependencies',
      comment: 'What the server imports is a dependency, not a development dependency.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-unresolved',
      comment: 'A file or package that does not exist.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.(css|svg|png|woff2)($|\\?)' },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API, so its syntax is read by swc.
    parser: 'swc',
    webpackConfig: { fileName: require.resolve('./scripts/lib/page-aliases.cjs') },
    doNotFollow: { path: ['node_modules', '^generated/'] },
    exclude: { path: '(^|/)dist/' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
