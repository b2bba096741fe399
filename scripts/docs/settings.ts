/** `npm run settings`: prints every setting. */
import { settingsTable } from './settings-table.js';

process.stdout.write(`${settingsTable()}\n`);
