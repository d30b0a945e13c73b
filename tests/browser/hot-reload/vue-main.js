import { createApp } from 'vue';
import Page from './Vue.vue';

createApp(Page).mount('main');
