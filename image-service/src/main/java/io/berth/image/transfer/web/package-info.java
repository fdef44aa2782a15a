/** The Engine API's endpoints that talk to registries. */
@NullMarked
package io.berth.image.transfer.web;

import org.jspecify.annotations.NullMarked;
