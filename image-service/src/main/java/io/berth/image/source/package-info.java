/** What ADD and contexts take from elsewhere: files by HTTP, trees from git. Servers are hostile, and so is what they send. */
@NullMarked
package io.berth.image.source;

import org.jspecify.annotations.NullMarked;
