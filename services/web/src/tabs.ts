/**
 * What the tabs of one browser tell each other. Nothing of it is stored. Another tab may be of an
 * earlier or a later version of this page: what this one cannot read is passed over.
 */

export interface Tabs<Message> {
  /** To all other tabs. */
  tell(message: Message): void;
  hear(run: (message: Message) => void): void;
  close(): void;
}

/** Args: read: gives null for what is no message. */
export function createTabs<Message>(
  name: string,
  read: (told: unknown) => Message | null,
): Tabs<Message> {
  const channel = new BroadcastChannel(`taskchat ${name}`);
  let isClosed = false;
  return {
    tell: (message) => {
      // An answer may come after its person has gone: a closed channel would throw.
      if (!isClosed) channel.postMessage(message);
    },
    hear: (run) => {
      channel.onmessage = (event) => {
        const message = read(event.data);
        if (message !== null) run(message);
      };
    },
    close: () => {
      isClosed = true;
      channel.close();
    },
  };
}
