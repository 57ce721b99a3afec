/** Who is signed in, and what they can do about it. */
import { useSignal } from "@preact/signals";
import type { Account, Session } from "../state.ts";
import { texts } from "../texts.ts";
import { ChangePassword } from "./change-password.tsx";
import { PersonIcon } from "./icons.tsx";
import { Menu, MenuButton } from "./menu.tsx";

export function AccountMenu({ account, session }: { account: Account; session: Session }) {
  const isChanging = useSignal(false);
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
        <MenuButton
          words={texts.account.changePassword}
          onClick={() => {
            isChanging.value = true;
          }}
        />
        <MenuButton words={texts.account.signOut} onClick={() => void session.signOut()} />
      </Menu>
      {isChanging.value && (
        <ChangePassword
          session={session}
          email={account.email}
          onClose={() => {
            isChanging.value = false;
          }}
        />
      )}
    </div>
  );
}
