import { mount } from 'svelte';
import { signIn } from '../shared/session.js';
import Ranking from './Ranking.svelte';

const session = await signIn();
// What comes to the group is for those who are in it.
await session.post('/api/v1/sse/subscribe', { group: 'ranking', event_types: ['score'] });
mount(Ranking, { target: document.getElementById('app'), props: { session } });
