import assert from "node:assert/strict";
import { test } from "node:test";
import type { ComponentChildren, VNode } from "preact";
import { markdown } from "./markdown.ts";

/** As a reader of the source would write it: `<p>a <strong>b</strong></p>`. */
function shown(text: string): string {
  return written(markdown(text));
}

function written(node: ComponentChildren): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(written).join("");
  if (typeof node !== "object") return `${node}`;
  const { type, props } = node as VNode<Record<string, ComponentChildren>>;
  const { children, ...rest } = props;
  const attributes = Object.entries(rest).map(([name, value]) => ` ${name}="${value}"`);
  return `<${type}${attributes.join("")}>${written(children)}</${type}>`;
}

const HOSTILE = [
  "![secret](https://evil.example/?q=milk)",
  "![x][1]\n\n[1]: https://evil.example/x.png",
  "[![x](https://evil.example/x.png)](https://example.com)",
  "<img src=https://evil.example/x.png>",
  "<script>alert(1)</script>",
  "a <b onmouseover=alert(1)>b</b>",
  "<svg/onload=alert(1)>",
  "<style>*{background:url(https://evil.example)}</style>",
  "<iframe srcdoc='x'></iframe>",
  "[a](javascript:alert(1))",
  "<javascript:alert(1)>",
  "[a](data:text/html,x)",
  "[a](//evil.example)",
  "[a]( https://evil.example 'title\" onclick=alert(1)' )",
  "| ![x](https://evil.example/x.png) |\n| --- |\n| <img src=x> |",
  "- [ ] ![x](https://evil.example/x.png)",
  "# <img src=x onerror=alert(1)>",
];
const TAGS =
  /^(p|h[3-5]|ul|ol|li|blockquote|pre|code|div|table|thead|tbody|tr|th|td|hr|br|strong|em|del|a)$/;
const ATTRIBUTES = new Set([
  "children",
  "href",
  "target",
  "rel",
  "start",
  "scope",
  "class",
  "role",
  "aria-label",
  "tabIndex",
]);

for (const text of HOSTILE) {
  test(`${JSON.stringify(text)} loads nothing and runs nothing`, () => {
    check(markdown(text));
  });
}

function check(node: ComponentChildren): void {
  if (Array.isArray(node)) {
    for (const one of node) check(one);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const { type, props } = node as VNode<{ href?: string; children?: ComponentChildren }>;
  assert.match(`${type}`, TAGS);
  for (const name of Object.keys(props)) assert.ok(ATTRIBUTES.has(name), name);
  if (props.href !== undefined) assert.match(props.href, /^(https?|mailto):/);
  check(props.children);
}

test("an image is its words", () => {
  assert.equal(shown("see ![the shed](https://evil.example/x.png)"), "<p>see the shed</p>");
});

test("a tag is shown as it was written", () => {
  assert.equal(shown("a <b>b</b>"), "<p>a <b>b</b></p>");
});

test("a link is followed elsewhere, without a word of where from", () => {
  assert.equal(
    shown("[list](https://example.com/a)"),
    '<p><a href="https://example.com/a" target="_blank" rel="noopener noreferrer">list</a></p>',
  );
  assert.equal(shown("[a](javascript:alert)"), "<p>a</p>");
});

test("paragraphs, bold, italics, code, struck text", () => {
  assert.equal(
    shown("a **b** *c* `d` ~~e~~\n\nf"),
    "<p>a <strong>b</strong> <em>c</em> <code>d</code> <del>e</del></p><p>f</p>",
  );
});

test("lists go on where they began, and boxes are drawn", () => {
  assert.equal(shown("3. a\n4. b"), '<ol start="3"><li>a</li><li>b</li></ol>');
  assert.equal(shown("- [ ] a\n- [x] b"), "<ul><li>☐ a</li><li>☑ b</li></ul>");
});

test("headings begin below the page's own", () => {
  assert.equal(shown("# a\n\n### b"), "<h3>a</h3><h5>b</h5>");
});

test("a fence whose end is still to come is code already", () => {
  assert.equal(shown("```\na <b>"), "<pre><code>a <b></code></pre>");
});

test("a table", () => {
  assert.match(
    shown("| a |\n| --- |\n| **b** |"),
    /<th scope="col">a<\/th>.*<td><strong>b<\/strong>/,
  );
});
