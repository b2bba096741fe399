/** Where `@/...` and `@server/...` of the page lead, for dependency-cruiser, in the form that it reads: webpack's. */
const path = require('node:path');

const root = path.resolve(__dirname, '../..');

module.exports = { resolve: { alias: { '@': path.join(root, 'web/src'), '@server': path.join(root, 'src') } } };
