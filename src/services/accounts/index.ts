export { Accounts, type AccountsDeps } from './accounts.js';
export { type AccountRoutesOptions, accountRoutes } from './routes.js';
export { signedInSchema } from './schema.js';
