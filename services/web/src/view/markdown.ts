/**
 * An answer's Markdown as nodes. No HTML is ever made of it: tags are shown as they were written, an
 * image is its words, for loading one would tell a stranger what the chat is about.
 */
import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { type ComponentChildren, h } from "preact";
import { texts } from "../texts.ts";
import { safeLink } from "./links.ts";

/** Args: text: Markdown, of which the end may still be to come. */
export function markdown(text: string): ComponentChildren[] {
  return nodes(new Lexer({ gfm: true }).lex(text));
}

function nodes(tokens: readonly Token[]): ComponentChildren[] {
  return tokens.map((token) => node(token as MarkedToken));
}

function node(token: MarkedToken): ComponentChildren {
  switch (token.type) {
    case "paragraph":
      return h("p", {}, nodes(token.tokens));
    case "heading":
      // Below the page's own: h1 is the conversation, h2 a message of it.
      return h(token.depth === 1 ? "h3" : token.depth === 2 ? "h4" : "h5", {}, nodes(token.tokens));
    case "list":
      return list(token);
    case "list_item":
      return h("li", {}, nodes(token.tokens));
    case "checkbox":
      return token.checked ? "☑ " : "☐ ";
    case "blockquote":
      return h("blockquote", {}, nodes(token.tokens));
    case "code":
      return h("pre", {}, h("code", {}, token.text));
    case "table":
      return table(token);
    case "hr":
      return h("hr", {});
    case "br":
      return h("br", {});
    case "strong":
    case "em":
    case "del":
      return h(token.type, {}, nodes(token.tokens));
    case "codespan":
      return h("code", {}, token.text);
    case "link":
      return link(token);
    case "image":
    case "escape":
      return token.text;
    case "text":
      return token.tokens === undefined ? token.text : nodes(token.tokens);
    case "html":
      return token.block ? h("p", {}, token.text) : token.text;
    case "space":
    case "def":
      return null;
  }
}

function list(token: Tokens.List): ComponentChildren {
  const items = nodes(token.items);
  if (!token.ordered) return h("ul", {}, items);
  return h("ol", { start: token.start === "" ? 1 : token.start }, items);
}

function table(token: Tokens.Table): ComponentChildren {
  const heads = token.header.map((cell) => h("th", { scope: "col" }, nodes(cell.tokens)));
  const rows = token.rows.map((row) =>
    h(
      "tr",
      {},
      row.map((cell) => h("td", {}, nodes(cell.tokens))),
    ),
  );
  const content = h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
  // It may be wider than there is room: who has no pointer scrolls it with the arrows.
  return h(
    "div",
    { class: "table-scroll", role: "group", "aria-label": texts.chat.table, tabIndex: 0 },
    content,
  );
}

function link(token: Tokens.Link): ComponentChildren {
  const href = safeLink(token.href);
  if (href === null) return nodes(token.tokens);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, nodes(token.tokens));
}
