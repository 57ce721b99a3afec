/** Where a person is signed in, and a way to end it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { accountTexts } from "../../account-texts.ts";
import type { Device, Outcome, Profile } from "../../state.ts";
import { moment } from "../dates.ts";
import { Notice } from "../notice.tsx";
import { Part } from "./part.tsx";

const { devices: words } = accountTexts;

export function Devices({ profile }: { profile: Profile }) {
  /** The id of what is being ended; `others`: all of them. */
  const busy = useSignal<string | null>(null);
  const said = useSignal<{ words: string; isFailure: boolean } | null>(null);
  useEffect(() => void profile.loadDevices(), []);

  const list = useRef<HTMLUListElement>(null);

  /** Args: done: what is said when it is. */
  async function end(what: string, done: string, asked: () => Promise<Outcome>): Promise<void> {
    if (busy.value !== null) return;
    busy.value = what;
    said.value = null;
    const outcome = await asked();
    busy.value = null;
    said.value = outcome.ok
      ? { words: done, isFailure: false }
      : { words: outcome.words, isFailure: true };
    // The button is gone with its session: by the keyboard one goes on from the list.
    if (outcome.ok) requestAnimationFrame(() => list.current?.focus());
  }

  const all = profile.devices.value;
  const failure = profile.failure.value;
  return (
    <Part heading={words.heading}>
      {failure !== null && (
        <Notice words={failure} isFailure isAlert>
          <button type="button" onClick={() => void profile.loadDevices()}>
            {words.retry}
          </button>
        </Notice>
      )}
      {all === null && failure === null && <p class="quiet-words">{words.loading}</p>}
      {all !== null && (
        <ul class="devices" ref={list} tabIndex={-1}>
          {all.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              isBusy={busy.value === device.id}
              end={() =>
                void end(device.id, words.endedOne(device.words), () =>
                  profile.endDevice(device.id),
                )
              }
            />
          ))}
        </ul>
      )}
      {said.value !== null && <Notice {...said.value} isAlert />}
      {all !== null && all.length > 1 && (
        <>
          <p class="quiet-words">{words.words}</p>
          <button
            type="button"
            aria-disabled={busy.value === "others"}
            onClick={() => void end("others", words.ended, profile.endOtherDevices)}
          >
            {words.endOthers}
          </button>
        </>
      )}
    </Part>
  );
}

interface DeviceRowProps {
  device: Device;
  isBusy: boolean;
  end(): void;
}

function DeviceRow({ device, isBusy, end }: DeviceRowProps) {
  const since = words.since(moment(device.since));
  return (
    <li class="device">
      <div class="device-words">
        <p>
          {device.words}
          {device.isCurrent && <span class="badge-words">{words.current}</span>}
        </p>
        <p class="quiet-words">
          {device.address === null ? since : `${since} · ${device.address}`}
        </p>
      </div>
      {!device.isCurrent && (
        <button
          type="button"
          aria-label={words.endOf(device.words)}
          aria-disabled={isBusy}
          onClick={end}
        >
          {words.end}
        </button>
      )}
    </li>
  );
}
