/** The link of a migration: a unix socket handed on to another one, so that it can break while both processes live. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Link {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.server = server;
  }

  /** Whoever connects to `from` is handed on to `to`. */
  static async lay(from: string, to: string): Promise<Link> {
    const server = createServer();
    const link = new Link(server);
    server.on('connection', (socket) => link.join(socket, connect(to)));
    await new Promise<void>((resolve) => server.listen(from, resolve));
    return link;
  }

  private join(...ends: [Socket, Socket]): void {
    for (const [i, end] of ends.entries()) {
      const other = ends[1 - i]!;
      this.sockets.add(end);
      end.pipe(other);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        this.sockets.delete(end);
        other.destroy();
      });
    }
  }

  /** It breaks, and carries nothing any more. */
  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
