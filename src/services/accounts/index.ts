export { Accounts, type AccountsDeps } from './accounts.js';
export { type GuestDoor, Guests as GuestAccounts } from './guests.js';
export { checkPassword, hashPassword } from './passwords.js';
export { type AccountRoutesOptions, accountRoutes } from './routes.js';
export { forgetOldSignIns } from './sign-ins.js';
