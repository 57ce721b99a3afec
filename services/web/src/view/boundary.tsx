/** Where a part of the page cannot be drawn: words and a way on, in the place of that part alone. */
import { Component, type ComponentChildren } from "preact";
import { texts } from "../texts.ts";
import { Notice } from "./notice.tsx";

interface BoundaryProps {
  /** What is drawn; with another one it is tried again. */
  subject?: string | null;
  children: ComponentChildren;
}

interface BoundaryState {
  isBroken: boolean;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { isBroken: false };

  override componentDidCatch(error: unknown): void {
    // biome-ignore lint/suspicious/noConsole: for who looks into it; the person is told below
    console.error("a part of the page could not be drawn", error);
    this.setState({ isBroken: true });
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (this.state.isBroken && before.subject !== this.props.subject) {
      this.setState({ isBroken: false });
    }
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <div class="broken">
        <Notice words={texts.broken.words} isFailure isAlert>
          <button type="button" onClick={() => window.location.reload()}>
            {texts.broken.reload}
          </button>
        </Notice>
      </div>
    );
  }
}
