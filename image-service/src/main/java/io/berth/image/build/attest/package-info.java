/** What a build attests of its result: where it comes from (SLSA provenance) and what is in it (SPDX), as in-toto statements. */
@NullMarked
package io.berth.image.build.attest;

import org.jspecify.annotations.NullMarked;
