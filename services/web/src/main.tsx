/** Starts the page. */
import { render } from "preact";
import "./style.css";
import { texts } from "./texts.ts";

const root = document.getElementById("root");
if (root !== null) render(<h1>{texts.product}</h1>, root);
