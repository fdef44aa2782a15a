/** Bills of materials: which packages the files of an image are, found by what package managers and builds leave behind. */
@NullMarked
package io.berth.image.build.sbom;

import org.jspecify.annotations.NullMarked;
