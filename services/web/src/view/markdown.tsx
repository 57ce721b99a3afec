/**
 * An answer's Markdown as nodes. No HTML is ever made of it: tags are shown as they were written, an
 * image is its words, for loading one would tell a stranger what the chat is about.
 */
import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { safeLink } from "./links.ts";

export function Markdown({ text }: { text: string }) {
  const content = useMemo(() => nodes(new Lexer({ gfm: true }).lex(text)), [text]);
  return <>{content}</>;
}

function nodes(tokens: readonly Token[] | undefined): ComponentChildren {
  return tokens?.map((token) => node(token as MarkedToken));
}

function node(token: MarkedToken): ComponentChildren {
  switch (token.type) {
    case "paragraph":
      return <p>{nodes(token.tokens)}</p>;
    case "heading":
      return <Heading depth={token.depth}>{nodes(token.tokens)}</Heading>;
    case "list":
      return <List token={token} />;
    case "list_item":
      return <li>{nodes(token.tokens)}</li>;
    case "checkbox":
      return token.checked ? "☑ " : "☐ ";
    case "blockquote":
      return <blockquote>{nodes(token.tokens)}</blockquote>;
    case "code":
      return (
        <pre>
          <code>{token.text}</code>
        </pre>
      );
    case "table":
      return <Table token={token} />;
    case "hr":
      return <hr />;
    case "br":
      return <br />;
    case "strong":
      return <strong>{nodes(token.tokens)}</strong>;
    case "em":
      return <em>{nodes(token.tokens)}</em>;
    case "del":
      return <del>{nodes(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "link":
      return <Link href={token.href}>{nodes(token.tokens)}</Link>;
    case "image":
      return token.text;
    case "text":
      return token.tokens === undefined ? token.text : nodes(token.tokens);
    case "escape":
      return token.text;
    case "html":
      return token.block ? <p>{token.text}</p> : token.text;
    case "space":
    case "def":
      return null;
  }
}

/** Below the page's own: h1 is the conversation, h2 a part of the page. */
function Heading({ depth, children }: { depth: number; children: ComponentChildren }) {
  if (depth <= 1) return <h3>{children}</h3>;
  return depth === 2 ? <h4>{children}</h4> : <h5>{children}</h5>;
}

function List({ token }: { token: Tokens.List }) {
  const items = nodes(token.items);
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={token.start === "" ? 1 : token.start}>{items}</ol>;
}

function Table({ token }: { token: Tokens.Table }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, n) => (
              <th key={n} scope="col">
                {nodes(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, n) => (
            <tr key={n}>
              {row.map((cell, m) => (
                <td key={m}>{nodes(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Link({ href, children }: { href: string; children: ComponentChildren }) {
  const safe = safeLink(href);
  if (safe === null) return <>{children}</>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
