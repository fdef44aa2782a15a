/** The service that keeps a node's images; features are the packages below, none of which may use this one. */
@NullMarked
package io.berth.image;

import org.jspecify.annotations.NullMarked;
