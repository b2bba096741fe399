export { LinkCards, type LinkCardsDeps } from './link-cards.js';
