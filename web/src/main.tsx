import '@/design/tokens.css';
import '@/design/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { session } from '@/api';
import { startI18n } from '@/i18n';
import { App } from './app';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');

await startI18n();
// After the words: a refusal is asked for in the language of the page.
session.start();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
