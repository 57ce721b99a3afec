/** What the server of this page was told. */
import type { Browser } from "./browser.ts";
import type { PageConfig } from "./state.ts";

/** Without an answer: what is right nearly everywhere, so that the page works. */
const DEFAULTS: PageConfig = { chatkitDomainKey: null, modelIsSimulated: false };

/** `GET /config.json`. Never rejects. */
export async function readConfig(browser: Pick<Browser, "fetch"> = window): Promise<PageConfig> {
  try {
    const response = await browser.fetch("/config.json", { cache: "no-cache" });
    if (!response.ok) return DEFAULTS;
    const config = (await response.json()) as Partial<PageConfig>;
    const { chatkitDomainKey, modelIsSimulated } = config;
    return {
      chatkitDomainKey: typeof chatkitDomainKey === "string" ? chatkitDomainKey : null,
      modelIsSimulated: modelIsSimulated === true,
    };
  } catch {
    return DEFAULTS;
  }
}
