import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Page } from './react.jsx';

createRoot(document.querySelector('main')).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
