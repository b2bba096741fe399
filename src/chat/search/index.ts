export { openSearch, type SearchDeps, type SearchPart } from './open-search.js';
export { searchRoutes } from './routes.js';
