import { render } from 'preact';
import { App } from './app.tsx';
// The order counts: what is general first, and the narrow layouts of a part after the part.
import './base.css';
import './buttons.css';
import './fields.css';
import './menus.css';
import './dialogs.css';
import './frame.css';
import './lock-screen.css';
import './layout.css';
import './blocks.css';
import './message.css';
import './composer.css';
import './faults.css';
import './platform.css';
import './called.css';

const root = document.getElementById('page');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
