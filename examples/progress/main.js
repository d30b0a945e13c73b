import { createApp } from 'vue';
import { signIn } from '../shared/session.js';
import Uploads from './Uploads.vue';

const session = await signIn();
createApp(Uploads, { session }).mount('#app');
