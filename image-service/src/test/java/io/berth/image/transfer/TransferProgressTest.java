package io.berth.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransferProgressTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0 | ''",
                "12 | 0 | '     12B'",
                "0 | 2000000 | '[>                                                  ]       0B/2MB'",
                "1048576 | 2097152 | '[=========================>                         ]  1.049MB/2.097MB'",
                "1000 | 1000 | '[==================================================>]      1kB/1kB'",
                "999999 | 123456789 | '[>                                                  ]   1000kB/123.5MB'",
                "30 | 20 | '[==================================================>]      30B'"
            })
    void drawsDockersBar(long current, long total, String text) {
        assertThat(TransferProgress.bar(current, total)).isEqualTo(text);
    }
}
