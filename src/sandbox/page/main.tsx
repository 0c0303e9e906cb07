import { render } from 'preact';
import { App } from './app.tsx';
import './base.css';
import './layout.css';
import './message.css';
import './controls.css';
import './platform.css';

const root = document.getElementById('page');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
