/**
 * Value types of the OCI image specification 1.1 and of image references as Docker writes them.
 *
 * <p>Records whose JSON names are the specification's; every value is valid once it exists.
 */
@NullMarked
package io.berth.oci;

import org.jspecify.annotations.NullMarked;
