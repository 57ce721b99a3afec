/** The running system behind the page, and what tests do to it from outside. */

interface Urls {
  /** The page as it is. */
  page: string;
  /** The page, behind a connection to the gateway that `cut` cuts. */
  cut: string;
  /** The page, before a gateway of its own, which `kill` kills and `tools` takes mcp-tools from. */
  killed: string;
  /** The page with a key for OpenAI's element. */
  official: string;
  /** The page at an origin that is on nobody's list. */
  stranger: string;
  /** The page before an auth service that sends mail. */
  mail: string;
  /** Where those mails are. */
  mailbox: string;
  auth: string;
  simulator: string;
  control: string;
}

/** Stored rows of a person, oldest first. */
export interface Rows {
  messages: { role: string; content: string }[];
  tasks: { title: string; completed: boolean }[];
}

export const urls = JSON.parse(process.env.TASKCHAT_STACK ?? "{}") as Urls;

async function post(url: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const order = (name: string, given: object = {}) => post(`${urls.control}/${name}`, given);

export const system = {
  /** SIGKILL to the gateway of the page `killed`; it has none until `replace`. */
  kill: () => order("kill"),
  replace: () => order("replace"),
  cut: () => order("cut"),
  /** Of the page `killed`, while its own gateway lives. */
  tools: (away: boolean) => order("tools", { away }),
  fill: (userId: string, messages: number, tasks: number) =>
    order("fill", { user_id: userId, messages, tasks }) as Promise<string>,
  rows: (userId: string) => order("rows", { user_id: userId }) as Promise<Rows>,
};

/** What the simulated model does with messages that contain `match`. */
export const model = {
  fault: (match: string, fault: object) =>
    post(`${urls.simulator}/admin/faults`, { match, ...fault }),
  release: (match: string) =>
    post(`${urls.simulator}/admin/release?match=${encodeURIComponent(match)}`, {}),
};

/** What came by mail. */
export const mailbox = {
  /** The newest link with these words in it that was sent to an address; waits for it. */
  link: async (to: string, like = "/verify-email?"): Promise<string> => {
    const end = performance.now() + 10_000;
    for (;;) {
      const answer = await fetch(`${urls.mailbox}/mails.json?to=${encodeURIComponent(to)}`);
      const mails = (await answer.json()) as { links: string[] }[];
      const found = mails.flatMap(({ links }) => links).find((link) => link.includes(like));
      if (found !== undefined) return found;
      if (performance.now() > end) throw new Error(`no mail to ${to} with ${like}`);
      await new Promise((passed) => setTimeout(passed, 50));
    }
  },
};
