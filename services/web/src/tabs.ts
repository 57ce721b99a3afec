/** What the tabs of one browser tell each other. Nothing of it is stored. */

export interface Tabs<Message> {
  /** To all other tabs. */
  tell(message: Message): void;
  hear(run: (message: Message) => void): void;
  close(): void;
}

export function createTabs<Message>(name: string): Tabs<Message> {
  const channel = new BroadcastChannel(`taskchat ${name}`);
  let isClosed = false;
  return {
    tell: (message) => {
      // An answer may come after its person has gone: a closed channel would throw.
      if (!isClosed) channel.postMessage(message);
    },
    hear: (run) => {
      channel.onmessage = (event) => run(event.data as Message);
    },
    close: () => {
      isClosed = true;
      channel.close();
    },
  };
}
