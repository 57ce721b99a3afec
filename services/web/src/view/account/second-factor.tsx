/** The second step of signing in: on, off, and how to set it up. */
import { useSignal } from "@preact/signals";
import { accountTexts } from "../../account-texts.ts";
import type { Account, NewSecondFactor, Profile } from "../../state.ts";
import { Field } from "../field.tsx";
import { useForm } from "../use-form.ts";
import { BackupCodes } from "./backup-codes.tsx";
import { Dialog, DialogForm } from "./dialog.tsx";
import { Part } from "./part.tsx";
import { QrCode } from "./qr-code.tsx";

interface SecondFactorProps {
  profile: Profile;
  account: Account;
}

const { factor: words } = accountTexts;

export function SecondFactor({ profile, account }: SecondFactorProps) {
  // Kept while it is open: in the middle of it the second step is on.
  const open = useSignal<"set-up" | "turn-off" | null>(null);
  const close = () => {
    open.value = null;
  };
  return (
    <Part heading={words.heading}>
      <p>{account.hasSecondFactor ? words.on : words.off}</p>
      <button
        type="button"
        onClick={() => {
          open.value = account.hasSecondFactor ? "turn-off" : "set-up";
        }}
      >
        {account.hasSecondFactor ? words.turnOff : words.setUp}
      </button>
      {open.value === "set-up" && <SetUp profile={profile} email={account.email} onClose={close} />}
      {open.value === "turn-off" && (
        <Dialog heading={words.offHeading} onClose={close}>
          <p>{words.offWords}</p>
          <AskPassword
            email={account.email}
            button={words.turnOff}
            isDangerous
            onCancel={close}
            ask={async (password) => {
              const outcome = await profile.endSecondFactor(password);
              if (outcome.ok) close();
              return outcome;
            }}
          />
        </Dialog>
      )}
    </Part>
  );
}

interface SetUpProps {
  profile: Profile;
  email: string;
  onClose(): void;
}

function SetUp({ profile, email, onClose }: SetUpProps) {
  const factor = useSignal<NewSecondFactor | null>(null);
  const isOn = useSignal(false);
  return (
    // One dialog for all: a new one would be closed by the end of the one before.
    <Dialog
      heading={isOn.value ? words.codesHeading : words.setUp}
      onClose={onClose}
      isKept={isOn.value}
    >
      {factor.value === null && (
        <AskPassword
          email={email}
          button={words.next}
          onCancel={onClose}
          ask={async (password) => {
            const outcome = await profile.beginSecondFactor(password);
            if (outcome.ok) factor.value = outcome.factor;
            return outcome;
          }}
        />
      )}
      {factor.value !== null && !isOn.value && (
        <Scan
          profile={profile}
          factor={factor.value}
          onCancel={onClose}
          onDone={() => {
            isOn.value = true;
          }}
        />
      )}
      {factor.value !== null && isOn.value && (
        <BackupCodes codes={factor.value.backupCodes} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface AskPasswordProps {
  email: string;
  button: string;
  isDangerous?: boolean;
  onCancel(): void;
  ask(password: string): ReturnType<Profile["erase"]>;
}

export function AskPassword({ email, button, isDangerous, onCancel, ask }: AskPasswordProps) {
  const password = useSignal("");
  const form = useForm(
    { password: () => (password.value === "" ? accountTexts.password.noCurrent : null) },
    () => ask(password.value),
  );
  return (
    <DialogForm
      form={form}
      email={email}
      button={button}
      isDangerous={isDangerous ?? false}
      onCancel={onCancel}
    >
      <Field
        label={accountTexts.password.confirm}
        type="password"
        autocomplete="current-password"
        value={password}
        error={form.error("password")}
      />
    </DialogForm>
  );
}

interface ScanProps {
  profile: Profile;
  factor: NewSecondFactor;
  onCancel(): void;
  onDone(): void;
}

function Scan({ profile, factor, onCancel, onDone }: ScanProps) {
  const code = useSignal("");
  const digits = () => code.value.replaceAll(/\s/g, "");
  const form = useForm(
    { code: () => (/^\d{6}$/.test(digits()) ? null : words.sixDigits) },
    async () => {
      const outcome = await profile.confirmSecondFactor(digits());
      if (outcome.ok) onDone();
      return outcome;
    },
  );
  return (
    <DialogForm form={form} email={null} button={words.button} onCancel={onCancel}>
      <p>{words.scan}</p>
      <QrCode text={factor.uri} label={words.picture} />
      <p class="quiet-words">
        {words.byHand} <code class="secret">{grouped(factor.secret)}</code>{" "}
        <a class="in-app" href={factor.uri}>
          {words.open}
        </a>
      </p>
      <Field
        label={words.code}
        type="code"
        isDigits
        autocomplete="one-time-code"
        value={code}
        error={form.error("code")}
      />
    </DialogForm>
  );
}

/** Four by four, as it is read from a screen. */
function grouped(secret: string): string {
  return secret.replaceAll(/.{4}(?=.)/g, "$& ");
}
