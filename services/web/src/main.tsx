/** Starts the page. */
import { render } from "preact";
import { createPageState, readConfig } from "./app-state.ts";
import "./style.css";
import { App } from "./view/app.tsx";

const root = document.getElementById("root");
if (root !== null) {
  const page = createPageState(await readConfig());
  render(<App page={page} />, root);
}
