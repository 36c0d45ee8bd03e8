import type { Server } from 'node:net';
import { createControl, type SimControl } from './control.ts';
import { createControlServer } from './control-server.ts';
import type { UnitRole } from './device-group.ts';
import { type F5SimOptions, withDefaults } from './options.ts';
import { Site } from './site.ts';
import { createUnitServer } from './unit-server.ts';

export interface SimUnit {
  /** `bigip-a` or `bigip-b`: the name the control API takes. */
  readonly name: string;
  readonly hostname: string;
  readonly url: string;
  readonly port: number;
  /** As it is now. */
  readonly role: UnitRole;
  /** PEM, as it is now. */
  readonly certificate: string;
  readonly fingerprint256: string;
}

export interface F5Sim {
  readonly units: readonly SimUnit[];
  readonly control: SimControl;
  /** The same over HTTP. */
  readonly controlUrl: string;
  /** The administrator. */
  readonly username: string;
  readonly password: string;
  /** PEM that the units started with. */
  readonly certificate: string;
  readonly fingerprint256: string;
  close(): Promise<void>;
}

/** Starts one unit or a pair, and their control API. Throws ZodError for a seed that breaks the schema. */
export async function startF5Sim(options: F5SimOptions = {}): Promise<F5Sim> {
  const settings = withDefaults(options);
  const site = new Site(settings);
  const control = createControl(site);
  const listeners = site.units.map((_, index) => createUnitServer(site, index));
  const close = async () => {
    await Promise.all(
      [...listeners.map(({ server }) => server), controlServer].map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  };
  const controlServer = createControlServer(control);
  try {
    const ports: number[] = [];
    for (const [index, { server }] of listeners.entries()) {
      const wanted = settings.port === 0 ? 0 : settings.port + index;
      ports.push(await listen(server, wanted, settings.listen));
    }
    const controlPort = await listen(controlServer, settings.controlPort, '127.0.0.1');
    site.onCertificate = (name) =>
      listeners[site.units.findIndex((unit) => unit.name === name)]?.renewCertificate();
    const units = ports.map((port, index) => simUnit(site, index, port, settings.listen));
    const [first] = site.units;
    const started = site.certificateOf(first.name);
    const admin =
      settings.accounts.find((account) => account.role === 'admin') ?? settings.accounts[0];
    return {
      units,
      control,
      controlUrl: `http://127.0.0.1:${controlPort}`,
      username: admin?.username ?? '',
      password: admin?.password ?? '',
      certificate: started.certificate,
      fingerprint256: started.fingerprint256,
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function simUnit(site: Site, index: number, port: number, address: string): SimUnit {
  const unit = () => site.units[index] ?? site.units[0];
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  return {
    name: unit().name,
    hostname: unit().hostname,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    get role() {
      return site.group.roleOf(unit());
    },
    get certificate() {
      return site.certificateOf(unit().name).certificate;
    },
    get fingerprint256() {
      return site.certificateOf(unit().name).fingerprint256;
    },
  };
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.removeListener('error', reject);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });
}
