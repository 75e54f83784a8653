import { ref } from 'vue';

/** A phone: what is not for now is folded there. The same width as the style sheets' narrowest step. */
const query = matchMedia('(max-width: 40rem)');
export const narrow = ref(query.matches);
query.addEventListener('change', () => {
  narrow.value = query.matches;
});
