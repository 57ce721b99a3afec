/** An account that is put together by hand: what was typed decides what becomes of it. */
import type { Outcome, Profile, Session } from "../../src/state.ts";
import type { Scene } from "./fake-state.ts";

export const ACCOUNT = {
  userId: "0198-ana",
  name: "Ana Lima",
  email: "ana@example.com",
  hasSecondFactor: false,
};

const fine = () => Promise.resolve({ ok: true } as const);
const done = () => Promise.resolve();

/** The password decides how far somebody comes. */
export function createFakeSession(scene: Scene): Session {
  const signIn = () => {
    scene.session.value = { kind: "signed-in", account: ACCOUNT };
    return Promise.resolve({ ok: true, next: "in" } as const);
  };
  return {
    state: scene.session,
    offers: scene.offers,
    askOffers: done,
    mails: {
      verify: fine,
      forgot: fine,
      reset: (_, password) =>
        Promise.resolve(
          password.includes("known")
            ? { ok: false, words: "Many people have this password. Choose another." }
            : { ok: true },
        ),
    },
    signIn: (_, password) => {
      if (password.includes("code")) return Promise.resolve({ ok: true, next: "second-factor" });
      if (password.includes("mail")) return Promise.resolve({ ok: true, next: "mail" });
      if (password === "correct horse battery") return signIn();
      return Promise.resolve({ ok: false, words: "Email or password is wrong." });
    },
    signUp: () => Promise.resolve({ ok: true, next: "mail" }),
    enterCode: (code) =>
      code === "123456" ? signIn() : Promise.resolve({ ok: false, words: "Invalid code." }),
    signOut: () => {
      scene.session.value = { kind: "signed-out", notice: null };
      return done();
    },
    retry: () => {
      scene.session.value = { kind: "signed-out", notice: null };
      return done();
    },
  };
}

export function createFakeProfile(scene: Scene): Profile {
  const checked = (password: string): Promise<Outcome> =>
    Promise.resolve(
      password === "wrong" ? { ok: false, words: "The password is wrong." } : { ok: true },
    );
  return {
    devices: scene.devices,
    failure: scene.devicesFailure,
    loadDevices: done,
    endDevice: (id) => {
      scene.devices.value = (scene.devices.value ?? []).filter((one) => one.id !== id);
      return fine();
    },
    endOtherDevices: () => {
      scene.devices.value = (scene.devices.value ?? []).filter((one) => one.isCurrent);
      return fine();
    },
    changeEmail: fine,
    changePassword: checked,
    beginSecondFactor: async (password) => {
      const outcome = await checked(password);
      const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
      const uri = `otpauth://totp/taskchat:ana%40example.com?secret=${secret}&issuer=taskchat`;
      const backupCodes = Array.from({ length: 10 }, (_, n) => `aB3dE-9Xy${n}Z`);
      return outcome.ok ? { ok: true, factor: { uri, secret, backupCodes } } : outcome;
    },
    confirmSecondFactor: () => {
      scene.session.value = { kind: "signed-in", account: { ...ACCOUNT, hasSecondFactor: true } };
      return fine();
    },
    endSecondFactor: checked,
    exported: () =>
      Promise.resolve({ ok: false, words: "The server cannot be reached. Try again." }),
    erase: async (password) => {
      const outcome = await checked(password);
      if (outcome.ok) scene.session.value = { kind: "closed", isErased: false };
      return outcome;
    },
  };
}
