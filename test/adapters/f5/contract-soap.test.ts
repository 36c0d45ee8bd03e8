import { testAdapter } from '../contract.ts';
import { contractDevice } from './contract-site.ts';

testAdapter('F5 BIG-IP by SOAP', () => contractDevice('soap'));
