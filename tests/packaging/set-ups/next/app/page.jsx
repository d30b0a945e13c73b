import { Live } from './live';

export default function Page() {
  return <Live />;
}
