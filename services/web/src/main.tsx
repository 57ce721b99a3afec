/** Starts the page. */
import { render } from "preact";

const root = document.getElementById("root");
if (root !== null) render(<h1>taskchat</h1>, root);
