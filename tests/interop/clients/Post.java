import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/**
 * Posts a query with the HTTP client of the JDK as it is: it offers an upgrade to HTTP/2 (h2c).
 *
 * <p>Usage: java Post.java ENDPOINT QUERY-FILE MEDIA-TYPE
 */
public final class Post {
    public static void main(String[] arguments) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(arguments[0]))
                        .header("Content-Type", "application/sparql-query")
                        .header("Accept", arguments[2])
                        .POST(HttpRequest.BodyPublishers.ofFile(Path.of(arguments[1])))
                        .build();
        HttpResponse<byte[]> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
        boolean isGood = response.statusCode() == 200;
        (isGood ? System.out : System.err).write(response.body());
        System.out.flush();
        System.exit(isGood ? 0 : 1);
    }
}
