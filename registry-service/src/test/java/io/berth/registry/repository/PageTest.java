package io.berth.registry.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registry.error.RegistryException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
    @Test
    void linksToTheNextPageOnlyWhenThereIsOne() {
        Page page = Page.of("2", null);
        assertThat(page.cut(List.of("a", "b", "c"))).containsExactly("a", "b");
        assertThat(page.nextLink("/l", List.of("a", "b", "c"))).contains("</l?n=2&last=b>; rel=\"next\"");
        assertThat(page.nextLink("/l", List.of("a", "b"))).isEmpty();
    }

    @Test
    void ofSizeZeroIsEmptyAndTheLast() {
        Page page = Page.of("0", null);
        assertThat(page.cut(List.of("a"))).isEmpty();
        assertThat(page.nextLink("/l", List.of("a"))).isEmpty();
    }

    @Test
    void isNeverLargerThanTheLimit() {
        assertThat(Page.of("999999999999", null).size()).isEqualTo(Page.MAX_SIZE);
        assertThat(Page.of(null, null).size()).isEqualTo(Page.MAX_SIZE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "", "1.5", "99999999999999999999"})
    void refusesWhatIsNoNumber(String n) {
        assertThatThrownBy(() -> Page.of(n, null)).isInstanceOf(RegistryException.class);
    }
}
