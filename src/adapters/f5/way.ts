import { endpointText } from '../../domain/endpoint.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import { httpsUnit } from '../../transports/https.ts';
import type { HttpsPlace } from '../../transports/https-certificate.ts';
import type { ExchangeLimits } from '../../transports/stream-socket.ts';
import { restUnit } from './rest/unit.ts';
import type { F5Settings } from './schema.ts';
import { soapUnit } from './soap/unit.ts';
import type { F5Unit } from './unit.ts';

const HTTPS_PORT = 443;

/** How the units that the settings name are spoken to. Opens nothing yet. */
export function unitsOf(
  { units, username, api }: F5Settings,
  password: Secret,
  clock: Pick<Clock, 'now'>,
  limits: ExchangeLimits,
): readonly F5Unit[] {
  const credentials = { username, password };
  return units.map((place) => {
    const https = httpsUnit(place, limits);
    const name = unitName(place);
    return api === 'rest'
      ? restUnit(https, name, credentials, clock, limits.exchangeMsMax)
      : soapUnit(https, name, credentials, clock, limits.exchangeMsMax);
  });
}

function unitName({ host, port }: HttpsPlace): string {
  return port === HTTPS_PORT ? host : endpointText({ host, port });
}
