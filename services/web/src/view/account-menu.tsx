/** Who is signed in, and what they can do about it. */
import type { Account, PageState } from "../state.ts";
import { texts } from "../texts.ts";
import { PersonIcon } from "./icons.tsx";
import { Menu, MenuButton } from "./menu.tsx";

export function AccountMenu({ account, page }: { account: Account; page: PageState }) {
  return (
    <div class="account">
      <Menu
        label={texts.account.open(account.name)}
        className="account-button"
        face={
          <>
            <PersonIcon />
            <span class="one-line">{account.name}</span>
          </>
        }
      >
        <p class="menu-note one-line">{account.email}</p>
        <MenuButton words={texts.account.page} onClick={() => page.go("/account")} />
        <MenuButton words={texts.account.signOut} onClick={() => void page.session.signOut()} />
      </Menu>
    </div>
  );
}
