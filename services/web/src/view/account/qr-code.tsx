/**
 * A QR code as one path. It is made here: what is in it must not be told to a server that draws
 * pictures. By uqr, 3 KB in this part of the page alone, because 300 lines of Reed-Solomon of our own
 * would be ours to keep.
 */
import { encode } from "uqr";

/** Modules of free room around it. Source: ISO/IEC 18004, 5.3.8. */
const QUIET_ZONE = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: QUIET_ZONE });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      class="qr-code"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
