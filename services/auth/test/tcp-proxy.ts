/** A way to a server that can be cut, frozen and mended, for outages. */
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

export interface TcpProxy {
  port: number;
  /** Break every connection and refuse new ones. */
  cut(): Promise<void>;
  /** Carry no byte more on the connections that there are; new ones work. */
  freeze(): void;
  /** Let connections through again, on the same port. */
  mend(): Promise<void>;
}

/** A proxy on a free port. */
export async function tcpProxy(targetHost: string, targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const newServer = () =>
    createServer((client) => {
      const target = createConnection(targetPort, targetHost);
      keep(client);
      keep(target);
      client.pipe(target).pipe(client);
      client.on("close", () => target.destroy());
      target.on("close", () => client.destroy());
    });
  let server = newServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    freeze: () => {
      for (const socket of sockets) socket.unpipe();
    },
    mend: async () => {
      server = newServer().listen(port, "127.0.0.1");
      await once(server, "listening");
    },
  };
}
