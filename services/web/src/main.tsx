/** Starts the page. */
import { render } from "preact";
import { createPageState, readConfig } from "./app-state.ts";
import { createPlaces } from "./places.ts";
import "./style.css";
import { App } from "./view/app.tsx";
import { Boundary } from "./view/boundary.tsx";

const root = document.getElementById("root");
if (root !== null) {
  const places = createPlaces(window);
  const page = createPageState(await readConfig(), window, places);
  // What the boundaries inside have not caught, rather than a page that does nothing any more.
  render(
    <Boundary>
      <App page={page} />
    </Boundary>,
    root,
  );
}
