/** What a person can see and do of their account. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { accountTexts } from "../../account-texts.ts";
import { type Account, NOT_SIGNED_IN, type PageState, type PersonState } from "../../state.ts";
import { texts } from "../../texts.ts";
import { FocusedHeading } from "../entrance-frame.tsx";
import { Notice } from "../notice.tsx";
import { ChangeEmail } from "./change-email.tsx";
import { ChangePassword } from "./change-password.tsx";
import { Devices } from "./devices.tsx";
import { Part } from "./part.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { YourData } from "./your-data.tsx";

interface AccountPageProps {
  page: PageState;
  person: PersonState;
  account: Account;
}

const { you, password } = accountTexts;

export function AccountPage({ page, person, account }: AccountPageProps) {
  const { profile } = person;
  const offers = page.session.offers.value;
  const open = useSignal<"email" | "password" | null>(null);
  const said = useSignal<string | null>(null);
  const close = () => {
    open.value = null;
  };

  useEffect(() => {
    void page.session.askOffers();
    document.title = `${texts.account.page} · ${texts.product}`;
    return () => {
      document.title = texts.product;
    };
  }, []);

  const threadId = person.conversation.threadId.value;
  const back = threadId === null ? "/" : `/c/${threadId}`;
  return (
    <main class="account-page">
      <p>
        <a
          href={back}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
            event.preventDefault();
            page.go(back);
          }}
        >
          {accountTexts.back}
        </a>
      </p>
      <FocusedHeading words={texts.account.page} />
      {page.arrival.error === NOT_SIGNED_IN && <Notice words={you.openAgain} isAlert />}
      {page.arrival.error !== null && page.arrival.error !== NOT_SIGNED_IN && (
        <Notice words={you.linkFailed} isFailure isAlert />
      )}
      <Part heading={you.heading}>
        <dl class="facts">
          <div>
            <dt>{you.name}</dt>
            <dd dir="auto">{account.name}</dd>
          </div>
          <div>
            <dt>{you.email}</dt>
            <dd class="breakable">{account.email}</dd>
          </div>
        </dl>
        {said.value !== null && <Notice words={said.value} isAlert />}
        {offers.mail && (
          <button
            type="button"
            onClick={() => {
              open.value = "email";
            }}
          >
            {you.change}
          </button>
        )}
      </Part>
      <Part heading={password.heading}>
        <p>{password.words}</p>
        <button
          type="button"
          onClick={() => {
            open.value = "password";
          }}
        >
          {password.change}
        </button>
      </Part>
      {(offers.secondFactor || account.hasSecondFactor) && (
        <SecondFactor profile={profile} account={account} />
      )}
      <Devices profile={profile} />
      <YourData profile={profile} account={account} isOffered={offers.erasure} />
      {open.value === "email" && (
        <ChangeEmail
          profile={profile}
          email={account.email}
          onClose={close}
          onSent={() => {
            said.value = you.sent(account.email);
            close();
          }}
        />
      )}
      {open.value === "password" && (
        <ChangePassword profile={profile} email={account.email} onClose={close} />
      )}
    </main>
  );
}
